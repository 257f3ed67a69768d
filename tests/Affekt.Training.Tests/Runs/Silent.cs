using Affekt.Training;

namespace Affekt.Tests.Runs;

/// <summary>Takes reports and says nothing.</summary>
internal sealed class Silent : IProgress<TrainingProgress>
{
    public static Silent Progress { get; } = new();

    public void Report(TrainingProgress value)
    {
    }
}
