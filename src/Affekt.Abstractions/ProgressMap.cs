namespace Affekt;

/// <summary>Reports one kind of progress as another.</summary>
internal sealed class ProgressMap<TFrom, TTo>(IProgress<TTo>? to, Func<TFrom, TTo> map) : IProgress<TFrom>
{
    public void Report(TFrom value) => to?.Report(map(value));
}
