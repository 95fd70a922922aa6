namespace GpuCrypt.Kernels.Devices.Cpu;

/// <summary>
/// The inner loops of the CPU device at one vector width. Rows are padded: every pointer may be read, and every destination written,
/// to the dimension rounded up to 16. Results are those of the scalar scheme in every bit: the same roundings in the same order.
/// </summary>
internal unsafe interface ICpuKernel
{
    /// <summary>Whether sixteen rows are hashed at once (<see cref="HmacLanes"/>).</summary>
    static abstract bool HasHashLanes { get; }

    /// <summary>How many ChaCha20 blocks <see cref="Keystream"/> makes at once.</summary>
    static abstract int BlocksAtOnce { get; }

    /// <summary>
    /// Writes <see cref="BlocksAtOnce"/> blocks of 16 words in stream order. Never inlined: where a caller has used up the compiler's budget
    /// its quarter rounds would stay calls, with the state in memory, at a tenth of the speed.
    /// </summary>
    /// <param name="key">Eight words, little-endian.</param>
    /// <param name="counter">The number of the first block.</param>
    /// <param name="destination">Receives 16 words a block.</param>
    static abstract void Keystream(uint* key, ulong counter, uint* destination);

    /// <summary>Turns draws into normals until a draw needs the slow path.</summary>
    /// <returns>How many were made: <paramref name="count"/>, or the index of the first slow draw.</returns>
    static abstract int FastNormals(ulong* draws, int count, float* normals);

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
