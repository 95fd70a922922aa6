namespace GpuCrypt.Kernels.Devices;

/// <summary>What a device is, for people and for <c>--json</c>.</summary>
/// <param name="Name">The name it is chosen by, such as <c>cpu</c> or <c>cpu:vector256</c>.</param>
/// <param name="Kind">The kind of device: <c>cpu</c>.</param>
/// <param name="Hardware">The processor's or card's own name.</param>
/// <param name="Detail">The instruction sets, driver or runtime in use.</param>
/// <param name="Units">Worker threads, or a card's multiprocessors.</param>
/// <param name="SelectedByAuto">Whether <c>auto</c> may take it.</param>
public sealed record DeviceDescription(string Name, string Kind, string Hardware, string Detail, int Units, bool SelectedByAuto);
