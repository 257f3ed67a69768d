using System.Security.Cryptography;
using Affekt.Recognition;

namespace Affekt.AspNetCore.Recognitions;

/// <summary>
/// Voices that were enrolled for live sessions: a mean of features for each, in memory only, under a name that nobody can guess, and
/// forgotten when no session has named it for a while.
/// </summary>
internal sealed class Baselines(ServerLimits limits, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Enrolled> _voices = [];

    /// <summary>Keeps a voice.</summary>
    /// <returns>Its name.</returns>
    public string Add(string client, ISpeakerBaseline voice)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        lock (_lock)
        {
            Forget(one => one.Expires <= time.GetUtcNow());
            if (_voices.Count(one => one.Client == client) >= limits.MaxBaselinesPerClient)
                _voices.Remove(_voices.First(one => one.Client == client));
            else if (_voices.Count >= limits.MaxBaselines)
                _voices.RemoveFirst();
            _voices.AddLast(new Enrolled(id, client, voice, time.GetUtcNow() + limits.KeepBaseline));
        }

        return id;
    }

    /// <summary>The voice of a name, which is kept for as long again; null where there is none, or none any more.</summary>
    public ISpeakerBaseline? Find(string id)
    {
        lock (_lock)
        {
            Forget(one => one.Expires <= time.GetUtcNow());
            if (_voices.FirstOrDefault(one => one.Id == id) is not { } found)
                return null;
            _voices.Remove(found);
            _voices.AddLast(found with { Expires = time.GetUtcNow() + limits.KeepBaseline });
            return found.Voice;
        }
    }

    /// <summary>Forgets a voice; false where there is none.</summary>
    public bool Delete(string id)
    {
        lock (_lock)
            return Forget(one => one.Id == id) > 0;
    }

    private int Forget(Func<Enrolled, bool> which)
    {
        Enrolled[] found = [.. _voices.Where(which)];
        foreach (Enrolled one in found)
            _voices.Remove(one);
        return found.Length;
    }

    private sealed record Enrolled(string Id, string Client, ISpeakerBaseline Voice, DateTimeOffset Expires);
}
