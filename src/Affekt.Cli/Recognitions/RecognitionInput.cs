using Affekt.Recognition;

namespace Affekt.Cli.Recognitions;

/// <summary>One file to recognize.</summary>
/// <param name="Request">What is known of it.</param>
/// <param name="ResultFile">Where its result goes; null for the output.</param>
internal sealed record RecognitionInput(RecognitionRequest Request, string? ResultFile);
