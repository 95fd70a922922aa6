namespace GpuCrypt.Kernels.Scheme;

/// <summary>The constant tables of the scheme, wherever a device keeps them. Indexes are not bounds-checked.</summary>
internal interface ISchemeTables
{
    /// <summary>Ziggurat strip edge X[<paramref name="index"/>], 0 to 256.</summary>
    double ZigguratX(int index);

    /// <summary>Ziggurat density F[<paramref name="index"/>], 0 to 256.</summary>
    double ZigguratF(int index);

    /// <summary>powf: the reciprocal of the centre of interval <paramref name="index"/>, 0 to 15.</summary>
    double PowfInverse(int index);

    /// <summary>powf: log2 of the centre of interval <paramref name="index"/>, 0 to 15.</summary>
    double PowfLog2(int index);

    /// <summary>powf: the bits of 2^(index/32) less index·2^47, index 0 to 31.</summary>
    ulong PowfExp2(int index);
}
