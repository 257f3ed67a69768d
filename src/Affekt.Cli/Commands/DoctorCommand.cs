using System.CommandLine;
using Affekt.Cli.Doctor;
using Spectre.Console;

namespace Affekt.Cli.Commands;

/// <summary>affekt doctor: what is there, what is missing, and how to fix it.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string?> bundle = CommonOptions.Bundle();
        Command command = new("doctor", "Checks what Affekt needs, and says how to get what is missing.") { bundle };
        command.SetAction(async (parsed, cancellation) =>
        {
            IReadOnlyList<Finding> findings = await Examination.RunAsync(parsed.GetValue(bundle), cancellation);
            Table table = new Table().NoBorder().AddColumns("", "part", "state");
            foreach (Finding finding in findings)
            {
                string remedy = finding.Remedy is null ? "" : $"\nto mend: {finding.Remedy}";
                table.AddRow(
                    new Text(finding.IsFine ? "ok" : "MISSING", new Style(finding.IsFine ? Color.Green : Color.Red)),
                    new Text(finding.Part), new Text(finding.State + remedy));
            }

            terminal.Draw(table);
            return findings.All(finding => finding.IsFine) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}
