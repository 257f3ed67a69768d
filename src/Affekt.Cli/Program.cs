using Affekt.Training;
using Affekt.Training.Recipes;
using Affekt.Training.Text;

Recipe recipe = Recipe.Load(args[1], args.Skip(3).ToArray());
int n = 0;
P progress = new(p => { if (p.Metric != null || n++ % 20 == 0) Console.Error.WriteLine(p); });
if (recipe is TextEncoderRecipe text)
    TextEncoderRun.Follow(text, args[2], progress, default);
else
    Affekt.Training.AudioText.AudioTextRun.Follow((AudioTextRecipe)recipe, args[2], progress, default);
return 0;

internal sealed class P(Action<TrainingProgress> a) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => a(value);
}
