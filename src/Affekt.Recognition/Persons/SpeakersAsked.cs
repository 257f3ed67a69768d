using System.Globalization;

namespace Affekt.Recognition.Persons;

/// <summary>Whether speakers are told apart by their voices, as people write it: "auto", "none", or how many there are.</summary>
/// <param name="TellApart">Whether they are.</param>
/// <param name="Count">How many there are; null where that is not known.</param>
public sealed record SpeakersAsked(bool TellApart, int? Count)
{
    /// <summary>More are not taken.</summary>
    public const int Most = 100;

    /// <summary>They are, however many there are.</summary>
    public static SpeakersAsked Auto { get; } = new(true, null);

    /// <summary>What may be written.</summary>
    public static string Expected { get; } = $"auto, none, or a number from 1 to {Most}";

    /// <summary>Reads it; null where it is none of these.</summary>
    public static SpeakersAsked? Parse(string text) => text switch
    {
        "auto" => Auto,
        "none" => new SpeakersAsked(false, null),
        _ => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count is >= 1 and <= Most
            ? new SpeakersAsked(true, count)
            : null,
    };
}
