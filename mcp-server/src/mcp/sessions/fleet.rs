//! Sessions that another process of the fleet began, and what others are told of ours.

use std::sync::Arc;

use rmcp::transport::streamable_http_server::session::SessionId;

use super::{CALLER, SessionError, Sessions};
use crate::shared::Found;

impl Sessions {
    /// Makes sure that a session is the caller's and can be served here: one that another process began is taken over,
    /// and one that was closed elsewhere ends here, too. Whoever only means to close it takes nothing over.
    pub(in super::super) async fn find(&self, id: &SessionId, closes: bool) -> Result<(), SessionError> {
        let (is_here, is_callers) = {
            let is_here = self.table().owner(id).is_some();
            (is_here, is_here && self.is_callers(id))
        };
        if is_here && !is_callers {
            return Err(SessionError::NotFound);
        }
        self.hold_for_request(id);
        let here = if is_here {
            Ok(())
        } else {
            Err(SessionError::NotFound)
        };
        let (Some(shared), Ok(owner)) = (
            &self.shared,
            CALLER.try_with(|caller| Arc::clone(caller.principal.identity())),
        ) else {
            return here;
        };
        match shared.look_up(id, &owner).await {
            Ok(Found::Open(_)) if is_here => Ok(()),
            Ok(Found::Open(_)) if closes => {
                shared.close(id, &owner).await;
                Ok(())
            }
            Ok(Found::Open(introduction)) => {
                let place = self.place(owner.tenant()).await?;
                self.take_over(id, &owner, introduction.into(), place);
                Ok(())
            }
            Ok(Found::Closed) => {
                if is_here {
                    // A worker that has ended by itself is as good as one that was told to.
                    let _ = self.end(id).await;
                }
                Err(SessionError::NotFound)
            }
            Ok(Found::Unknown) => {
                // Redis has lost its memory, or our word had not reached it.
                let introduction = self.table().introduction(id).map(Box::<str>::from);
                if let Some(introduction) = introduction {
                    shared.keep(id, &owner, &introduction).await;
                }
                here
            }
            // While nobody can be asked, what is known here counts.
            Err(_) => here,
        }
    }

    /// Two requests may have looked for it at once: the first one's is kept.
    fn take_over(
        &self,
        id: &SessionId,
        owner: &Arc<crate::tenancy::Identity>,
        introduction: Box<str>,
        place: tokio::sync::OwnedSemaphorePermit,
    ) {
        {
            let mut table = self.table();
            if table.owner(id).is_none() {
                table.add(id.clone(), Arc::clone(owner), Some(introduction), place);
                drop(table);
                self.hold_added(id);
                return;
            }
        }
        self.hold_for_request(id);
    }

    /// Lets other processes go on with a session of ours.
    pub(super) async fn tell_others(&self, id: &SessionId, introduction: &str) {
        let owner = self.table().owner(id).cloned();
        if let (Some(shared), Some(owner)) = (&self.shared, owner) {
            shared.keep(id, &owner, introduction).await;
        }
    }

    /// Lets no other process go on with a session.
    pub(super) async fn close_elsewhere(&self, id: &SessionId) {
        let owner = self.table().owner(id).cloned();
        if let (Some(shared), Some(owner)) = (&self.shared, owner) {
            shared.close(id, &owner).await;
        }
    }
}
