namespace Affekt.Training.Recipes;

/// <summary>A recipe cannot be followed.</summary>
/// <param name="file">The recipe.</param>
/// <param name="where">The field, as a JSON path, or a line; null for the whole file.</param>
/// <param name="found">What is there.</param>
/// <param name="expected">What should be there.</param>
/// <param name="cause">The underlying error, or null.</param>
public sealed class RecipeException(string file, string? where, string found, string expected, Exception? cause = null)
    : Exception($"{file}{(where is null ? "" : $", {where}")}: found {found}, expected {expected}", cause);
