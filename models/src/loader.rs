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
    decoder::{self, Decoder, Piece, Transformer, WeightError, Weights},
    engine::{EngineConfig, LoadError, LoadProgress, ModelInfo, Source},
    gguf::{self, Header},
    grammar::Grammars,
    kernels::{KvPrecision, Pool},
    kv::{Blocks, Cache},
    memory::{self, Room},
    template::Template,
    threads,
    vocabulary::Vocabulary,
};

#[cfg(test)]
mod tests;

const BUNDLED: &[u8] = include_bytes!("../bundled/b2xgate-bundled-q8_0.gguf");
/// Tokens that are fed once before a model counts as sound.
const TRIAL_TOKENS: usize = 16;

/// A model ready to run.
pub(crate) struct Model {
    pub(crate) info: ModelInfo,
    pub(crate) vocabulary: Arc<Vocabulary>,
    pub(crate) template: Template,
    pub(crate) grammars: Grammars,
    pub(crate) decoder: Transformer,
    pub(crate) cache: Cache,
    pub(crate) pool: Pool,
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

/// [`inspect`], of anything that can be read.
pub(crate) fn inspect_from(mut reader: impl Read + Seek, name: &str) -> Result<ModelInfo, LoadError> {
    let header = Header::read(&mut reader)?;
    let network = Network::read(&header)?;
    let vocabulary = Vocabulary::read(&header, network.vocabulary)?;
    Template::read(&header, &vocabulary)?;
    Ok(describe(&header, &network, &vocabulary, name, None))
}

/// Bytes of memory that a model is not loaded without.
pub(crate) fn least_memory(source: &Source, config: &EngineConfig) -> Result<u64, LoadError> {
    match source {
        Source::Bundled => least_memory_of(Cursor::new(BUNDLED), config),
        Source::File(path) => least_memory_of(open(path)?, config),
    }
}

fn least_memory_of(mut reader: impl Read + Seek, config: &EngineConfig) -> Result<u64, LoadError> {
    let header = Header::read(&mut reader)?;
    let network = Network::read(&header)?;
    Ok(memory::least_bytes(&header, &network, config))
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
    let room = memory::plan(&header, &network, config, available_bytes)?;
    let pool = pool(config.threads);
    let mut cache = Cache::new(Blocks::new(
        &decoder::kv_shape(&network, config.kv_precision),
        network.layers,
        room.kv_bytes,
    ));
    let mut info = describe(&header, &network, &vocabulary, name, Some(room));
    let mut watched = Watched::new(reader, header.file_bytes - header.data_offset, progress);
    let scores = network.vocabulary;
    let mut read = || {
        let weights = Weights::read(&network, &header, &mut watched, &pool)?;
        let bytes = weights.bytes();
        let mut decoder = Transformer::new(network.clone(), weights, pool.clone());
        try_once(&mut decoder, &mut cache, scores, room.context)?;
        Ok::<_, WeightError>((decoder, bytes))
    };
    // The tables of the grammar take about as long as the weights.
    let (decoder, grammars) = std::thread::scope(|scope| {
        let grammars = scope.spawn(|| Grammars::new(&vocabulary));
        // Whatever is in a file, a panic over it is a broken file, not the end of the process.
        (catch_unwind(AssertUnwindSafe(&mut read)), grammars.join())
    });
    let (decoder, bytes) = match decoder {
        Ok(Ok(decoder)) => decoder,
        Ok(Err(WeightError::Unsound(error))) => {
            return Err(LoadError::Malformed(format!("weights: {error}")));
        }
        Ok(Err(WeightError::Unsupported(error))) => return Err(LoadError::Unsupported(error)),
        Err(_) => {
            return Err(LoadError::Malformed(
                "weights: the arithmetic broke on them".to_owned(),
            ));
        }
    };
    let unusable =
        |error| LoadError::Unsupported(format!("constrained decoding over this vocabulary: {error}"));
    let grammars = grammars
        .unwrap_or_else(|_| Err("its compiler panicked".to_owned()))
        .map_err(unusable)?;
    info.notes
        .push(format!("weights take {} MiB of memory", bytes >> 20));
    watched.finish();
    Ok(Model {
        info,
        vocabulary,
        template,
        grammars,
        decoder,
        cache,
        pool,
    })
}

/// Threads that wait for each other only briefly, where each has a CPU to itself.
fn pool(threads: Option<usize>) -> Pool {
    let cpus = threads::recommended();
    let threads = threads.unwrap_or(cpus).max(1);
    if threads <= cpus {
        Pool::spinning(threads)
    } else {
        Pool::new(threads)
    }
}

/// Runs a few tokens: weights that are no numbers show before the first caller meets them.
fn try_once(
    decoder: &mut dyn Decoder,
    cache: &mut Cache,
    vocabulary: usize,
    context: usize,
) -> Result<(), WeightError> {
    let tokens = [0; TRIAL_TOKENS];
    let tokens = &tokens[..TRIAL_TOKENS.min(context)];
    let mut table = cache
        .admit(tokens.len(), None)
        .expect("there is room for one context at least");
    cache.extend(&mut table, tokens.len());
    let piece = Piece {
        tokens,
        position: 0,
        blocks: &table.blocks,
        scored: 1,
    };
    let logits = decoder.step(&[piece], &mut cache.blocks);
    // Quantised products may turn what is not a number into zeros: broken weights show as equal scores.
    let (least, most) = logits
        .iter()
        .fold((f32::MAX, f32::MIN), |(a, b), &x| (a.min(x), b.max(x)));
    let sound = logits.iter().all(|logit| logit.is_finite()) && least < most;
    cache.release(&table);
    if logits.len() != vocabulary || !sound {
        return Err(WeightError::Unsound(format!(
            "a first step gave {} scores for {vocabulary} tokens, and no useful ones",
            logits.len()
        )));
    }
    Ok(())
}

fn describe(
    header: &Header,
    network: &Network,
    vocabulary: &Vocabulary,
    name: &str,
    room: Option<Room>,
) -> ModelInfo {
    let context = room.map_or(network.context, |room| room.context);
    let mut notes = vec![
        "answers are made side by side, and prompts that begin alike are read once for each tenant"
            .to_owned(),
        match room {
            Some(room) => format!("KV cache of {} MiB for all answers together", room.kv_bytes >> 20),
            None => format!(
                "KV cache of {} KiB for a thousand tokens",
                decoder::kv_bytes(network, KvPrecision::F16, 1_000) >> 10
            ),
        },
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
