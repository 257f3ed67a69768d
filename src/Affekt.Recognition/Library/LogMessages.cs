using Microsoft.Extensions.Logging;

namespace Affekt.Recognition.Library;

/// <summary>What a host's log gets to read.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Progress}")]
    public static partial void Fetching(ILogger logger, string progress);

    [LoggerMessage(Level = LogLevel.Information, Message = "Opened bundle {Name} {Version}")]
    public static partial void Opened(ILogger logger, string name, string version);

    [LoggerMessage(Level = LogLevel.Information, Message = "Recognized {Utterances} utterances in {Milliseconds:0} ms")]
    public static partial void Recognized(ILogger logger, int utterances, double milliseconds);

    // The sentence that goes with the code may quote the file.
    [LoggerMessage(Level = LogLevel.Warning, Message = "A recognition warns: {Code}")]
    public static partial void Warned(ILogger logger, string code);
}
