using System.Net.WebSockets;
using Affekt.Corpora;
using Affekt.Evaluation;
using Affekt.Media;
using Affekt.Media.Transcripts;
using Affekt.Models;
using Affekt.Models.Hub;
using Affekt.Models.Packages;
using Affekt.Models.Text;
using Affekt.Onnx.Graphs;
using Affekt.Onnx.Sessions;
using Affekt.Onnx.StateFiles;
using Affekt.Torch;
using Affekt.Torch.Distributed;
using Affekt.Torch.Layers;
using Affekt.Training;
using Affekt.Training.Features;
using Affekt.Training.Recipes;

namespace Affekt.Cli;

/// <summary>The program's exit codes.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Unusable = 2;
    public const int SomeFailed = 3;
    public const int Interrupted = 130;
}

/// <summary>A command cannot do what it was asked for, as the message says.</summary>
internal sealed class CommandException(string message, int exitCode = ExitCode.Failed) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>What an exception means to the user.</summary>
internal static class Failure
{
    /// <summary>The exit code and one message, of one line where it tells of input; a fault of the program itself comes with its trace.</summary>
    public static (int ExitCode, string Message) Of(Exception exception) => exception switch
    {
        OperationCanceledException => (ExitCode.Interrupted, "interrupted"),
        CommandException command => (command.ExitCode, Terminal.Visible(command.Message)),
        MediaException { Kind: MediaError.ToolMissing or MediaError.ToolFailed or MediaError.TimedOut } =>
            (ExitCode.Failed, Terminal.Visible(exception.Message)),
        MediaException or TranscriptException or ModelException or TokenizerException or StateFileException or StateMismatchException or WeightsMismatchException
            or RecipeException or CorpusException or EvaluationException or HubException { Kind: HubError.BadSetting } => (ExitCode.Unusable, Terminal.Visible(exception.Message)),
        FileNotFoundException { FileName: null } when !Directory.Exists(".") => (ExitCode.Failed, "the folder that this was started in is gone"),
        HubException or WeightsException or EngineException or TorchException or TrainingException or ProcessGroupException or FeatureStoreException or IOException or UnauthorizedAccessException =>
            (ExitCode.Failed, exception.Message),
        WebSocketException or HttpRequestException => (ExitCode.Failed, (exception.InnerException ?? exception).Message),
        _ => (ExitCode.Failed, $"a fault of the program: {exception}"),
    };
}
