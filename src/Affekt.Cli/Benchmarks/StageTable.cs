using System.Globalization;
using Spectre.Console;

namespace Affekt.Cli.Benchmarks;

/// <summary>Times of stages as a table: a row for each, in ms.</summary>
internal static class StageTable
{
    public static void Draw(Terminal terminal, params (string Name, StageTimes Times)[] stages)
    {
        Table table = new Table().NoBorder().AddColumns("ms", "min", "median", "max");
        foreach ((string name, StageTimes times) in stages)
            table.AddRow(name, Number(times.Min), Number(times.Median), Number(times.Max));
        foreach (TableColumn column in table.Columns.Skip(1))
            column.Alignment = Justify.Right;
        terminal.Draw(table);
    }

    private static string Number(double ms) => ms.ToString("F1", CultureInfo.InvariantCulture);
}
