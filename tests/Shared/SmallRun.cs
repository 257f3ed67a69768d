namespace Affekt.Tests;

/// <summary>Marks tests that follow a recipe of the repository, on a small corpus.</summary>
internal static class SmallRun
{
    /// <summary>The trait whose value is the recipe's file: <c>[Trait(SmallRun.Recipe, "recipes/TASK/NAME.json")]</c>.</summary>
    public const string Recipe = "recipe";
}
