using Affekt.Training;
using Affekt.Training.Recipes;
using Affekt.Training.Text;

Recipe recipe = Recipe.Load(args[1], args.Skip(3).ToArray());
int n = 0;
TextEncoderRun.Follow((TextEncoderRecipe)recipe, args[2], new P(p => { if (p.Metric != null || n++ % 20 == 0) Console.Error.WriteLine(p); }), default);

internal sealed class P(Action<TrainingProgress> a) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => a(value);
}
