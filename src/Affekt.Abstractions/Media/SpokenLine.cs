namespace Affekt.Media.Transcripts;

/// <summary>What one person says in one go, as a transcript tells it.</summary>
/// <param name="Time">When; null where the transcript has no times.</param>
/// <param name="Speaker">Who; null where the transcript does not say.</param>
/// <param name="Text">
/// The words, on one line and without styling, never blank; null for a stretch whose words are not known, which has times.
/// </param>
public sealed record SpokenLine(TimeRange? Time, string? Speaker, string? Text);
