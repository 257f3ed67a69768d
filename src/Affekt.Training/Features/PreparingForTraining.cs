namespace Affekt.Training.Features;

/// <summary>Shows a training's missing features being computed as the training's own progress.</summary>
internal sealed class PreparingForTraining(IProgress<TrainingProgress> progress) : IProgress<PreparationProgress>
{
    public void Report(PreparationProgress value) => progress.Report(new TrainingProgress(
        $"features of {value.Modality}", 1, 1, value.Done, value.Total, double.NaN, value.PerSecond, null, value.Remaining));
}
