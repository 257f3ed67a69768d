namespace Affekt.Models;

/// <summary>A model's folder, or a file in it, is not what it should be.</summary>
/// <param name="file">The file or folder.</param>
/// <param name="field">The field or tensor in it, or null.</param>
/// <param name="found">What is there.</param>
/// <param name="expected">What should be there.</param>
/// <param name="cause">The underlying error, or null.</param>
public sealed class ModelException(string file, string? field, string found, string expected, Exception? cause = null)
    : Exception($"{file}{(field is null ? "" : $", {field}")}: found {found}, expected {expected}", cause);
