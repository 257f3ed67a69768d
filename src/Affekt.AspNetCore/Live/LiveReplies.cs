using System.Text.Json.Serialization;
using Affekt.AspNetCore.Problems;
using Affekt.Recognition;
using Affekt.Recognition.Persons;

namespace Affekt.AspNetCore.Live;

/// <summary>What the server says first.</summary>
internal sealed record LiveWelcome(
    string Session, long ResumeMs, long UpdateMs, int MaxPictureBytes, LiveReceived Received)
{
    public string Type { get; } = "welcome";
}

/// <summary>The last numbers that were received of each kind.</summary>
internal sealed record LiveReceived(uint AudioSeq, uint VideoSeq);

/// <summary>A running answer.</summary>
internal sealed record LiveUpdateReply(long Seq, RunningAnswer Answer, double LatencyMs)
{
    public string Type { get; } = "update";

    public int AtMs => Answer.AtMs;

    public int? SpeakingSinceMs => Answer.SpeakingSinceMs;

    public EmotionProbabilities? Probabilities => Answer.Probabilities;

    public string? Emotion => Answer.Label;

    public double? Confidence => Answer.Confidence;

    public RunningModalities Modalities => Answer.Modalities;

    public IEnumerable<LiveFace> Faces =>
        Answer.Faces.Select(face => new LiveFace(face.Left, face.Top, face.Width, face.Height, face.Score, face.Person));

    public string? Text => Answer.Text;

    public string? Speaker => Answer.Speaker;

    [JsonIgnore]
    public RunningAnswer Answer { get; } = Answer;
}

/// <summary>A face, in fractions of the picture, and whose it is.</summary>
internal sealed record LiveFace(double X, double Y, double Width, double Height, double Score, string? Person);

/// <summary>An utterance that ended.</summary>
internal sealed record LiveUtteranceReply(long Seq, RecognizedUtterance Utterance)
{
    public string Type { get; } = "utterance";
}

/// <summary>Who is there, and who speaks in each utterance that was told, as all that was heard by now tells.</summary>
internal sealed record LivePersonsReply(long Seq, IReadOnlyList<RecognizedPerson> Persons, IReadOnlyList<string?> Speakers)
{
    public string Type { get; } = "persons";
}

/// <summary>Pictures that were left out.</summary>
internal sealed record LiveDroppedReply(long Seq, int Pictures)
{
    public string Type { get; } = "dropped";
}

/// <summary>Something that went less than well.</summary>
internal sealed record LiveWarningReply(long Seq, string Code, string Message)
{
    public string Type { get; } = "warning";
}

/// <summary>Why the connection ends.</summary>
internal sealed record LiveErrorReply(Problem Problem)
{
    public string Type { get; } = "error";
}
