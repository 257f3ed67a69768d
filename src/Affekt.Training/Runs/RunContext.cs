using Affekt.Training.AudioText;
using Affekt.Training.Expression;
using Affekt.Training.Fusion;
using Affekt.Training.Recipes;
using Affekt.Training.Sounds;
using Affekt.Training.Text;
using Affekt.Training.Video;

namespace Affekt.Training;

/// <summary>Where and how a recipe is followed.</summary>
/// <param name="Folder">Where to write; with several seeds each gets a folder in it.</param>
/// <param name="Resume">Whether to continue the run that the folder holds.</param>
/// <param name="Progress">Told of each step.</param>
public sealed record RunContext(string Folder, bool Resume, IProgress<TrainingProgress> Progress)
{
    /// <summary>The processes that train together. Default: this one alone, on the processor.</summary>
    public TrainingRanks Ranks { get; init; } = TrainingRanks.Alone;

    /// <summary>Told of pictures and clips that cannot be read. Default: nobody is.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>Follows a recipe of any task.</summary>
    /// <param name="recipe">What to do.</param>
    /// <param name="cancellation">Ends the run after the step at hand.</param>
    /// <exception cref="RecipeException">The recipe does not fit its data, or the folder holds something else.</exception>
    /// <exception cref="TrainingException">The loss, a gradient or a weight is not a number anymore.</exception>
    public void Follow(Recipe recipe, CancellationToken cancellation)
    {
        switch (recipe)
        {
            case TextEncoderRecipe text:
                TextEncoderRun.Follow(text, this, cancellation);
                break;
            case AudioTextRecipe audioText:
                AudioTextRun.Follow(audioText, this, cancellation);
                break;
            case AudioTextFrozenRecipe features:
                AudioTextFrozenRun.Follow(features, this, cancellation);
                break;
            case SoundRecipe sound:
                SoundRun.Follow(sound, this, cancellation);
                break;
            case SpeakersRecipe speakers:
                SpeakersRun.Follow(speakers, this, cancellation);
                break;
            case OverlapRecipe overlap:
                OverlapRun.Follow(overlap, this, cancellation);
                break;
            case ExpressionRecipe expression:
                ExpressionRun.Follow(expression, this, cancellation);
                break;
            case VideoImagesRecipe images:
                VideoImagesRun.Follow(images, this, cancellation);
                break;
            case VideoRecipe video:
                VideoRun.Follow(video, this, cancellation);
                break;
            case VideoFrozenRecipe clips:
                VideoFrozenRun.Follow(clips, this, cancellation);
                break;
            case FusionRecipe fusion:
                FusionRun.Follow(fusion, this, cancellation);
                break;
            default:
                throw new RecipeException(recipe.File, Recipe.Discriminator, recipe.GetType().Name, "a task that this version knows");
        }
    }

    internal RunFolder Open(Recipe recipe) => RunFolder.Open(Folder, recipe, Resume, Ranks);

    internal RunFolder OpenSeed(Recipe recipe, int seed) => RunFolder.Open(Path.Combine(Folder, $"{RunFiles.SeedPrefix}{seed}"), recipe, Resume, Ranks);

    // Of one seed the run's folder is the seed's.
    internal RunFolder OpenOwn(Recipe recipe, int seed) => recipe.Seeds.Count == 1 ? Open(recipe) : OpenSeed(recipe, seed);
}
