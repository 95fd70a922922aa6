namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// The inner loops of the CPU device at one vector width. Rows are padded: every pointer may be read, and every destination written,
/// to the dimension rounded up to 16. Results are those of the scalar scheme in every bit: the same roundings in the same order.
/// </summary>
internal unsafe interface ICpuKernel
{
    /// <summary>The bytes that a keystream starts from.</summary>
    static abstract int StateSize { get; }

    /// <summary>Prepares a keystream.</summary>
    /// <param name="key">Eight words, little-endian.</param>
    /// <param name="state">Receives <see cref="StateSize"/> bytes; aligned to 64.</param>
    static abstract void StartKeystream(uint* key, void* state);

    /// <summary>
    /// Writes blocks of 16 words in stream order. Never inlined: where a caller has used up the compiler's budget its quarter rounds would
    /// stay calls, with the state in memory, at a tenth of the speed.
    /// </summary>
    /// <param name="state">What <see cref="StartKeystream"/> prepared.</param>
    /// <param name="counter">The number of the first block.</param>
    /// <param name="destination">Receives 16 words a block, at most 32 blocks.</param>
    /// <param name="blocks">How many are wanted, at least 1.</param>
    /// <returns>How many were made: as many as this kernel makes at once, which may be fewer or more.</returns>
    static abstract int Keystream(void* state, ulong counter, uint* destination, int blocks);

    /// <summary>The first step of the ziggurat (section 5): every draw's candidate, and whether it is not decided by that.</summary>
    /// <param name="draws">The draws.</param>
    /// <param name="count">How many, a multiple of 8.</param>
    /// <param name="edges">The strips' edges, 257 entries.</param>
    /// <param name="candidates">Receives the candidates, <paramref name="count"/> of them.</param>
    /// <param name="undecided">Receives a bit for each draw, lowest first.</param>
    static abstract void Candidates(ulong* draws, int count, double* edges, float* candidates, byte* undecided);

    /// <summary>Moves the values that are kept together.</summary>
    /// <param name="values">The values, readable to a multiple of 16.</param>
    /// <param name="kept">A bit for each value, lowest first; none beyond <paramref name="count"/>.</param>
    /// <param name="count">How many values there are.</param>
    /// <param name="destination">Receives the kept ones; up to 16 elements behind them are overwritten.</param>
    /// <returns>How many were kept.</returns>
    static abstract int Compact(float* values, ulong* kept, int count, float* destination);

    /// <summary>Adds squares to eight lanes: lane j takes i ≡ j (mod 8), in order.</summary>
    static abstract void AddLaneSums(float* values, int count, float* lanes);

    /// <summary>
    /// c[i] = s·plain[perm[i]] + (u[i]·length)/norm (or without s), written to <paramref name="cipher"/> and, big-endian, to
    /// <paramref name="message"/> unless that is null.
    /// </summary>
    /// <returns>True when every one of the d elements is finite.</returns>
    static abstract bool Perturb(in NoiseTerms terms, float* plain, int* permutation, float* cipher, byte* message);

    /// <summary>plain[i] of the shuffled vector: (c[i] − λ[i]) / s, or without s.</summary>
    static abstract void Unperturb(in NoiseTerms terms, float* cipher, float* shuffled);

    /// <summary>destination[i] = source[index[i]].</summary>
    static abstract void Gather(float* source, int* index, int dimension, float* destination);

    /// <summary>Writes the bits of the values big-endian.</summary>
    static abstract void BigEndian(float* values, int dimension, byte* destination);
}

/// <summary>What the last pass over a row needs.</summary>
internal unsafe struct NoiseTerms
{
    /// <summary>The normals u, padded with zeros.</summary>
    public float* Normals;

    /// <summary>d.</summary>
    public int Dimension;

    /// <summary>The length of the noise, radius·x'^(1/d).</summary>
    public float Length;

    /// <summary>|u|.</summary>
    public float Norm;

    /// <summary>The scaling factor s.</summary>
    public float Scale;

    /// <summary>Whether s is applied.</summary>
    public bool Scaling;
}
