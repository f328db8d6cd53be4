//! From a file to a model that can run: checked, sized, read and tried once.

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read, Seek, SeekFrom},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
};

use crate::{
    architecture::{self, Network},
    decoder::{self, Decoder},
    engine::{EngineConfig, LoadError, LoadProgress, ModelInfo, Source},
    gguf::{self, Header},
    grammar::Grammars,
    memory,
    template::Template,
    vocabulary::Vocabulary,
};

#[cfg(test)]
mod tests;

const BUNDLED: &[u8] = include_bytes!("../bundled/b2xgate-bundled-q8_0.gguf");
/// A context shorter than this is of no use for the tools; less memory than it needs is refused.
const LEAST_CONTEXT_TOKENS: usize = 512;

/// A model ready to run.
pub(crate) struct Model {
    pub(crate) info: ModelInfo,
    pub(crate) network: Network,
    pub(crate) vocabulary: Arc<Vocabulary>,
    pub(crate) template: Template,
    pub(crate) grammars: Grammars,
    pub(crate) decoder: Box<dyn Decoder>,
}

/// Opens a source and loads it.
pub(crate) fn load(
    source: &Source,
    config: &EngineConfig,
    progress: &mut (dyn FnMut(LoadProgress) + Send),
) -> Result<Model, LoadError> {
    match source {
        Source::Bundled => load_from(
            Cursor::new(BUNDLED),
            "bundled",
            config,
            memory::available_bytes(),
            progress,
        ),
        Source::File(path) => {
            let reader = open(path)?;
            let name = path
                .file_stem()
                .map_or_else(|| "model".into(), |stem| stem.to_string_lossy().into_owned());
            load_from(reader, &name, config, memory::available_bytes(), progress)
        }
    }
}

/// Reads what a file says about itself, without its weights.
pub(crate) fn inspect(source: &Source) -> Result<ModelInfo, LoadError> {
    match source {
        Source::Bundled => inspect_from(Cursor::new(BUNDLED), "bundled"),
        Source::File(path) => {
            let name = path
                .file_stem()
                .map_or_else(|| "model".into(), |stem| stem.to_string_lossy().into_owned());
            inspect_from(open(path)?, &name)
        }
    }
}

fn inspect_from(mut reader: impl Read + Seek, name: &str) -> Result<ModelInfo, LoadError> {
    let header = Header::read(&mut reader)?;
    let network = Network::read(&header)?;
    let vocabulary = Vocabulary::read(&header, network.vocabulary)?;
    Template::read(&header, &vocabulary)?;
    Ok(describe(&header, &network, &vocabulary, name, network.context))
}

fn open(path: &Path) -> Result<BufReader<File>, LoadError> {
    let fail = |source| LoadError::Io {
        path: path.display().to_string(),
        source,
    };
    let file = File::open(path).map_err(fail)?;
    if !file.metadata().map_err(fail)?.is_file() {
        return Err(fail(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        )));
    }
    Ok(BufReader::with_capacity(1 << 18, file))
}

fn load_from(
    mut reader: impl Read + Seek,
    name: &str,
    config: &EngineConfig,
    available_bytes: Option<u64>,
    progress: &mut (dyn FnMut(LoadProgress) + Send),
) -> Result<Model, LoadError> {
    let header = Header::read(&mut reader)?;
    let network = Network::read(&header)?;
    let vocabulary = Arc::new(Vocabulary::read(&header, network.vocabulary)?);
    let template = Template::read(&header, &vocabulary)?;
    let slots = config.slots.max(1);
    let context = choose_context(&header, &network, slots, config.context_limit, available_bytes)?;
    let grammars = Grammars::new(&vocabulary).map_err(|error| {
        LoadError::Unsupported(format!("constrained decoding over this vocabulary: {error}"))
    })?;
    let weights = network.candle_content(&header, context);
    let mut watched = Watched::new(reader, header.file_bytes - header.data_offset, progress);
    // Candle checks what it reads too; a panic of it is still a broken file, not the end of the process.
    let decoder = catch_unwind(AssertUnwindSafe(|| {
        let mut decoder = decoder::load(&network, weights, &mut watched, context)?;
        try_once(decoder.as_mut(), network.vocabulary, context)?;
        Ok::<_, candle_core::Error>(decoder)
    }));
    let decoder = match decoder {
        Ok(Ok(decoder)) => decoder,
        Ok(Err(error)) => return Err(LoadError::Malformed(format!("weights: {error}"))),
        Err(_) => {
            return Err(LoadError::Malformed(
                "weights: the tensor library panicked on them".to_owned(),
            ));
        }
    };
    watched.finish();
    let info = describe(&header, &network, &vocabulary, name, context);
    Ok(Model {
        info,
        network,
        vocabulary,
        template,
        grammars,
        decoder,
    })
}

/// Runs a few tokens, so that what is laid out lazily is laid out before the first caller waits for it.
fn try_once(decoder: &mut dyn Decoder, vocabulary: usize, context: usize) -> candle_core::Result<()> {
    let prompt = vec![0; context.saturating_sub(1).min(16)];
    if !prompt.is_empty() {
        decoder.forward(&prompt, 0)?;
    }
    let logits = decoder.forward(&[0], prompt.len())?;
    decoder.reset();
    // Quantised products turn what is not a number into zeros: broken weights show as equal scores.
    let (least, most) = logits
        .iter()
        .fold((f32::MAX, f32::MIN), |(a, b), &x| (a.min(x), b.max(x)));
    let sound = logits.iter().all(|logit| logit.is_finite()) && least < most;
    if logits.len() != vocabulary || !sound {
        candle_core::bail!(
            "a first step gave {} scores for {vocabulary} tokens, and no useful ones",
            logits.len()
        );
    }
    Ok(())
}

fn choose_context(
    header: &Header,
    network: &Network,
    slots: usize,
    limit: Option<usize>,
    available_bytes: Option<u64>,
) -> Result<usize, LoadError> {
    let wanted = network.context.min(limit.unwrap_or(usize::MAX)).max(1);
    let Some(available_bytes) = available_bytes else {
        return Ok(wanted);
    };
    let weights = memory::weight_bytes(header, network);
    let left = available_bytes.saturating_sub(weights);
    let fitting = memory::fitting_context(network, slots, wanted, left).filter(|_| available_bytes > weights);
    // A limit that was asked for is a promise; without one, a shorter context is better than none.
    let least = if limit.is_some() {
        wanted
    } else {
        wanted.min(LEAST_CONTEXT_TOKENS)
    };
    match fitting {
        Some(context) if context >= least => Ok(context),
        _ => {
            let sequences = (slots as u64).saturating_mul(decoder::kv_bytes(network, least));
            Err(LoadError::OutOfMemory {
                needed_bytes: weights.saturating_add(sequences),
                available_bytes,
            })
        }
    }
}

fn describe(
    header: &Header,
    network: &Network,
    vocabulary: &Vocabulary,
    name: &str,
    context: usize,
) -> ModelInfo {
    let mut notes = vec![
        "every call reads its whole prompt: nothing is kept between calls".to_owned(),
        "slots take turns token by token, they are not batched".to_owned(),
    ];
    if context < network.context {
        notes.push(format!(
            "context of {context} tokens where the file allows {}",
            network.context
        ));
    }
    ModelInfo {
        name: header.text("general.name").unwrap_or(name).to_owned(),
        architecture: header.text("general.architecture").unwrap_or_default().to_owned(),
        context_tokens: context,
        parameters: header.tensors.values().map(gguf::TensorHead::elements).sum(),
        file_bytes: header.file_bytes,
        quantisation: gguf::kind_name(architecture::commonest_kind(header)).to_owned(),
        licence: header.text("general.license").map(str::to_owned),
        vocabulary: vocabulary.len(),
        notes,
    }
}

/// A reader that tells how much of the weights has been read, in steps of at least one percent.
struct Watched<'a, R> {
    inner: R,
    read: u64,
    total: u64,
    told: u64,
    progress: &'a mut (dyn FnMut(LoadProgress) + Send),
}

impl<'a, R> Watched<'a, R> {
    fn new(inner: R, total: u64, progress: &'a mut (dyn FnMut(LoadProgress) + Send)) -> Self {
        progress(LoadProgress {
            loaded_bytes: 0,
            total_bytes: total,
        });
        Self {
            inner,
            read: 0,
            total,
            told: 0,
            progress,
        }
    }

    fn finish(self) {
        (self.progress)(LoadProgress {
            loaded_bytes: self.total,
            total_bytes: self.total,
        });
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        // Tied embeddings may be read twice.
        self.read = (self.read + count as u64).min(self.total);
        if self.read < self.total && self.read - self.told > self.total / 100 {
            self.told = self.read;
            (self.progress)(LoadProgress {
                loaded_bytes: self.read,
                total_bytes: self.total,
            });
        }
        Ok(count)
    }
}

impl<R: Seek> Seek for Watched<'_, R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.inner.seek(position)
    }
}
