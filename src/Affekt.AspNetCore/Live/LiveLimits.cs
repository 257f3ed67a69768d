namespace Affekt.AspNetCore.Live;

/// <summary>How much a live session may take, and how long it waits. docs/api.md tells them.</summary>
public sealed record LiveLimits
{
    /// <summary>How long a client may take to say hello.</summary>
    public TimeSpan Hello { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a session waits for its client after a break.</summary>
    public TimeSpan Resume { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may say nothing.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a client may pause.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a client may take to read one message.</summary>
    public TimeSpan Send { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often there are updates at the latest while somebody speaks.</summary>
    public TimeSpan Update { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often there are updates where the server is not at work otherwise.</summary>
    public TimeSpan UpdateAtBest { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The least time between two pictures that are looked at.</summary>
    public TimeSpan Picture { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long no picture is looked at after one that cannot be read: each costs the start of a decoder.</summary>
    public TimeSpan BadPicture { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The largest picture, in bytes.</summary>
    public int MaxPictureBytes { get; init; } = 1 << 20;

    /// <summary>The largest text message, in bytes.</summary>
    public int MaxTextBytes { get; init; } = 16 << 10;

    /// <summary>The longest name of a speaker, in characters.</summary>
    public int MaxSpeaker { get; init; } = 200;

    /// <summary>How many pictures wait; beyond it the oldest is dropped.</summary>
    public int MaxPictures { get; init; } = 3;

    /// <summary>How much sound waits, in bytes; beyond it nothing more is read from the client. 30 s.</summary>
    public int MaxSoundBytes { get; init; } = 30 * LiveMessage.BytesASecond;
}
