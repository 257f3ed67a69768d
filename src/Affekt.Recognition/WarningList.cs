using Affekt.Media;

namespace Affekt.Recognition;

/// <summary>The warnings of one recording, each told once however many utterances it concerns.</summary>
internal sealed class WarningList
{
    private readonly HashSet<RecognitionWarning> _told = [];
    private List<RecognitionWarning> _new = [];

    public void Add(string code, string message)
    {
        RecognitionWarning warning = new(code, message);
        if (_told.Add(warning))
            _new.Add(warning);
    }

    public void Add(IEnumerable<MediaWarning> warnings)
    {
        foreach (MediaWarning warning in warnings)
            Add(warning.Code, warning.Message);
    }

    /// <summary>Adds that lines of the transcript begin after the recording's end, where some do.</summary>
    public void AddPastEnd(int lines)
    {
        if (lines > 0)
        {
            Add(RecognitionWarning.TranscriptPastEnd, lines == 1
                ? "1 line of the transcript begins after the recording's end; it was left out."
                : $"{lines} lines of the transcript begin after the recording's end; they were left out.");
        }
    }

    /// <summary>Those that came since the last call of this.</summary>
    public IReadOnlyList<RecognitionWarning> Take()
    {
        List<RecognitionWarning> taken = _new;
        _new = [];
        return taken;
    }
}
