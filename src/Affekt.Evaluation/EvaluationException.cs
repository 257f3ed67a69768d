namespace Affekt.Evaluation;

/// <summary>
/// Predictions or a report that cannot be evaluated: the message says what was found and what was expected.
/// </summary>
/// <param name="message">What was found, what was expected, and at which item.</param>
/// <param name="cause">The error beneath, if any.</param>
public sealed class EvaluationException(string message, Exception? cause = null) : Exception(message, cause);
