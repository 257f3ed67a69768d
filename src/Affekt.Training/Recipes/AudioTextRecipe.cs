namespace Affekt.Training.Recipes;

/// <summary>Trains the audio-text branch.</summary>
public sealed record AudioTextRecipe : Recipe
{
}
