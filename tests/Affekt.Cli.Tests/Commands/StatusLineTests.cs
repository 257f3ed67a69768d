namespace Affekt.Cli.Tests;

public sealed class StatusLineTests
{
    [Fact]
    public void A_line_that_changes_fits_the_terminal_and_shows_both_ends_of_what_is_longer()
    {
        using StringWriter output = new(), errors = new();
        Terminal terminal = new(output, errors, false, ErrorsAreTerminal: true) { Columns = () => 12 };
        StatusLine<string> line = new(terminal, state => (state, state.StartsWith("done", StringComparison.Ordinal)));

        foreach (string state in (string[])["1 of 2", "beginning and end", "done, as long as it is"])
            line.Report(state);

        Assert.Equal("\r1 of 2\rbegin…d end\rdone, as long as it is\n", errors.ToString());
    }
}
