using Affekt.Recognition;

namespace Affekt.Cli.Results;

/// <summary>For results that go to files of their own: nothing but their warnings.</summary>
internal sealed class SummaryWriter(Terminal terminal) : IResultWriter
{
    public void Add(RecognitionUpdate update)
    {
    }

    public void Add(RecognitionResult result) => ResultWriters.Warn(terminal, result);

    public void Dispose()
    {
    }
}
