using System.CommandLine;
using System.Globalization;
using GpuCrypt.Kernels.Devices;

namespace GpuCrypt.Host.Commands;

/// <summary><c>gpucrypt devices</c>: what this machine can encrypt with.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object a line instead of a table." };
        var command = new Command("devices", "List the devices of this machine that can encrypt, and which one auto takes.") { json };
        command.SetAction(result =>
        {
            if (result.GetValue(json))
                WriteJson(result.InvocationConfiguration.Output);
            else
                WriteTable(result.InvocationConfiguration.Output);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void WriteTable(TextWriter output)
    {
        List<string[]> rows = [["NAME", "KIND", "AUTO", "UNITS", "DETAIL", "HARDWARE"]];
        foreach (DeviceDescription device in DeviceCatalog.List())
        {
            rows.Add(
            [
                device.Name, device.Kind, device.SelectedByAuto ? "yes" : "no", device.Units.ToString(CultureInfo.InvariantCulture), device.Detail, device.Hardware,
            ]);
        }

        TextTable.Write(output, rows, right: 3);
    }

    private static void WriteJson(TextWriter output)
    {
        foreach (DeviceDescription device in DeviceCatalog.List())
        {
            JsonLine.Write(output, json =>
            {
                json.WriteString("name", device.Name);
                json.WriteString("kind", device.Kind);
                json.WriteString("hardware", device.Hardware);
                json.WriteString("detail", device.Detail);
                json.WriteNumber("units", device.Units);
                json.WriteBoolean("selected_by_auto", device.SelectedByAuto);
            });
        }
    }
}
