//! The kernels, and Candle's beside them, for the bench that compares the two.

use candle_core::{
    Device, Module as _, Tensor,
    quantized::{GgmlDType, QMatMul, QTensor},
};

use crate::kernels::{self, Activations, BLOCK_TOKENS, KvPrecision, KvShape, Matrix, Pool, Span};

/// The kinds of weights that are compared.
pub const KINDS: [(&str, GgmlDType); 10] = [
    ("Q4_K", GgmlDType::Q4K),
    ("Q5_K", GgmlDType::Q5K),
    ("Q6_K", GgmlDType::Q6K),
    ("Q8_0", GgmlDType::Q8_0),
    ("Q5_0", GgmlDType::Q5_0),
    ("Q5_1", GgmlDType::Q5_1),
    ("Q4_0", GgmlDType::Q4_0),
    ("F16", GgmlDType::F16),
    ("BF16", GgmlDType::BF16),
    ("F32", GgmlDType::F32),
];

/// Threads that compute together.
pub struct Threads(Pool);

impl Threads {
    /// So many, the caller included.
    pub fn new(count: usize) -> Self {
        Self(Pool::spinning(count))
    }

    /// The instructions that they use.
    pub fn tier(&self) -> String {
        format!("{:?}", self.0.tier())
    }

    /// Calls `task(i)` for each i in `0..tasks`.
    pub fn run(&self, tasks: usize, task: &(dyn Fn(usize) + Sync)) {
        self.0.run(tasks, task);
    }
}

/// The same weights, packed for our kernels and as Candle takes them.
pub struct Weights {
    matrix: Matrix,
    candle: QMatMul,
}

impl Weights {
    /// Random weights of this kind.
    ///
    /// # Panics
    ///
    /// If the kind cannot be made, or not be packed.
    pub fn random(kind: GgmlDType, rows: usize, columns: usize, threads: &Threads) -> Self {
        let floats = Tensor::randn(0_f32, 0.02, (rows, columns), &Device::Cpu).expect("weights");
        let tensor = QTensor::quantize(&floats, kind).expect("a kind that Candle makes");
        let data = tensor.data().expect("weights in memory");
        let kind = kind.try_into().expect("a kind with kernels");
        let matrix = Matrix::pack(kind, rows, columns, &data, &threads.0).expect("whole blocks");
        drop(data);
        Self {
            matrix,
            candle: QMatMul::from_qtensor(tensor).expect("a matrix"),
        }
    }

    /// Bytes that our kernels read.
    pub fn bytes(&self) -> usize {
        self.matrix.bytes()
    }

    /// Multiplies with our kernels, what it takes to quantise the input included.
    pub fn multiply(&self, input: &mut Input, threads: &Threads) {
        input
            .activations
            .fill(&input.values, self.matrix.columns(), &threads.0);
        self.matrix
            .multiply(&input.activations, &mut input.out, &threads.0);
    }

    /// Multiplies with Candle's.
    ///
    /// # Panics
    ///
    /// If Candle fails.
    pub fn multiply_with_candle(&self, input: &Input) {
        self.candle.forward(&input.tensor).expect("a product");
    }
}

/// Rows of activations, and room for the result.
pub struct Input {
    values: Vec<f32>,
    tensor: Tensor,
    activations: Activations,
    out: Vec<f32>,
}

impl Input {
    /// Random rows for this matrix.
    ///
    /// # Panics
    ///
    /// If Candle has no memory for it.
    pub fn random(rows: usize, weights: &Weights) -> Self {
        let shape = (1, rows, weights.matrix.columns());
        let tensor = Tensor::randn(0_f32, 1.0, shape, &Device::Cpu).expect("activations");
        let values = tensor
            .flatten_all()
            .and_then(|tensor| tensor.to_vec1())
            .expect("activations");
        let activations = if weights.matrix.reads_floats() {
            Activations::with_floats()
        } else {
            Activations::new()
        };
        Self {
            values,
            tensor,
            activations,
            out: vec![0.0; rows * weights.matrix.rows()],
        }
    }
}

/// A sequence whose cache is full, and queries at its end.
pub struct Attention {
    shape: KvShape,
    blocks: Vec<Vec<u8>>,
}

impl Attention {
    /// So many tokens of these heads.
    pub fn new(
        heads: usize,
        kv_heads: usize,
        head_width: usize,
        precision: KvPrecision,
        tokens: usize,
    ) -> Self {
        let shape = KvShape {
            heads,
            kv_heads,
            head_width,
            precision,
        };
        let mut blocks = vec![vec![0; shape.block_bytes()]; tokens.div_ceil(BLOCK_TOKENS)];
        let values = vec![0.5; kv_heads * head_width];
        for token in 0..tokens {
            kernels::write_kv(
                &shape,
                &mut blocks[token / BLOCK_TOKENS],
                token % BLOCK_TOKENS,
                &values,
                &values,
            );
        }
        Self { shape, blocks }
    }

    /// Attention of the rows that end at position `end`; the operations in it.
    pub fn run(&self, rows: usize, end: usize, threads: &Threads) -> usize {
        let width = self.shape.heads * self.shape.head_width;
        let (queries, mut out) = (vec![0.1; rows * width], vec![0.0; rows * width]);
        let blocks: Vec<_> = self.blocks.iter().map(Vec::as_slice).collect();
        let spans = [Span {
            first_row: 0,
            rows,
            position: end - rows,
            sees: usize::MAX,
            blocks: &blocks,
        }];
        kernels::attend(&self.shape, 0.1, &queries, &spans, &mut out, &threads.0);
        4 * width * (end - rows + 1..=end).sum::<usize>()
    }
}
