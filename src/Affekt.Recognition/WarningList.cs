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

    /// <summary>Those that came since the last call of this.</summary>
    public IReadOnlyList<RecognitionWarning> Take()
    {
        List<RecognitionWarning> taken = _new;
        _new = [];
        return taken;
    }
}
