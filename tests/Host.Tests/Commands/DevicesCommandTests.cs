using System.Text.Json;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Tests.Commands;

public class DevicesCommandTests
{
    [Fact]
    public async Task The_table_names_every_device_and_marks_the_one_that_auto_takes()
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync("devices");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("NAME", result.OutputLines[0], StringComparison.Ordinal);
        Assert.Equal(DeviceCatalog.List().Select(d => d.Name), result.OutputLines[1..].Select(line => Cells(line)[0]));
        Assert.Equal("cpu", Assert.Single(result.OutputLines[1..], line => Cells(line)[2] == "yes").Split(' ')[0]);

        static string[] Cells(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public async Task Json_gives_one_object_a_device_with_stable_names()
    {
        GpuCryptResult result = await GpuCryptProcess.RunAsync("devices", "--json");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        IReadOnlyList<DeviceDescription> devices = DeviceCatalog.List();
        Assert.Equal(devices.Count, result.OutputLines.Length);
        for (int i = 0; i < devices.Count; i++)
        {
            using JsonDocument line = JsonDocument.Parse(result.OutputLines[i]);
            Assert.Equal(["name", "kind", "hardware", "detail", "units", "selected_by_auto"], line.RootElement.EnumerateObject().Select(p => p.Name));
            Assert.Equal(devices[i].Name, line.RootElement.GetProperty("name").GetString());
            Assert.Equal(devices[i].Kind, line.RootElement.GetProperty("kind").GetString());
            Assert.Equal(devices[i].Hardware, line.RootElement.GetProperty("hardware").GetString());
            Assert.Equal(devices[i].Detail, line.RootElement.GetProperty("detail").GetString());
            Assert.Equal(devices[i].Units, line.RootElement.GetProperty("units").GetInt32());
            Assert.Equal(devices[i].SelectedByAuto, line.RootElement.GetProperty("selected_by_auto").GetBoolean());
        }
    }
}
