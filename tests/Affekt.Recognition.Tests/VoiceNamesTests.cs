using Affekt.Media;
using Affekt.Models.Persons;
using Affekt.Recognition.Persons;

namespace Affekt.Recognition.Tests;

/// <summary>What voices are called.</summary>
public sealed class VoiceNamesTests
{
    [Fact]
    public void A_new_voice_is_not_called_what_somebody_called_another()
    {
        using SpeakerEncoder encoder = SpeakerEncoder.Load();
        VoiceNames names = new(new Lazy<SpeakerEncoder>(encoder), 2);

        Assert.Equal("speaker 1", names.Next(Said(110), []).Shown);
        Assert.True(names.Rename("speaker 1", "speaker 2"));
        Assert.Equal("speaker 3", names.Next(Said(260), []).Shown);
        Assert.Equal(["speaker 2", "speaker 3"], names.Speakers);
    }

    [Fact]
    public void Two_voices_that_were_called_one_stay_so_and_a_given_name_is_no_new_voices()
    {
        using SpeakerEncoder encoder = SpeakerEncoder.Load();
        VoiceNames names = new(new Lazy<SpeakerEncoder>(encoder), 2);

        names.Next(Said(110) with { Speaker = "speaker 2" }, []);
        names.Next(Said(110), []);
        Assert.Equal("speaker 3", names.Next(Said(260), []).Shown);
        Assert.True(names.Rename("speaker 3", "speaker 1"));
        names.Next(Said(262), []);

        Assert.Equal(["speaker 2", "speaker 1", "speaker 1", "speaker 1"], names.Speakers);
        Assert.False(names.NameAs("speaker 1", "Ann"));
    }

    [Fact]
    public void A_name_that_came_with_utterances_can_be_changed_by_somebody_but_a_faces_name_does_not_replace_it()
    {
        using SpeakerEncoder encoder = SpeakerEncoder.Load();
        VoiceNames names = new(new Lazy<SpeakerEncoder>(encoder), null);

        names.Next(Said(110) with { Speaker = "Ann" }, []);
        names.Next(Said(110), []);
        names.Next(Said(110) with { Speaker = "Ann" }, []);

        Assert.False(names.NameAs("Ann", "face 1"));
        Assert.False(names.Rename("Eve", "Ben"));
        Assert.True(names.Rename("Ann", "Ben"));
        Assert.Equal(["Ben", "speaker 1", "Ben"], names.Speakers);
    }

    // Two seconds of a voice of that pitch.
    private static UtteranceMaterial Said(double hertz)
    {
        float[] sound = new float[2 * Sound.SampleRate];
        for (int i = 0; i < sound.Length; i++)
        {
            double phase = 2 * Math.PI * hertz * i / Sound.SampleRate;
            sound[i] = (float)((0.1 * Math.Sin(phase)) + (0.05 * Math.Sin(2 * phase)) + (0.05 * Math.Sin(hertz < 200 ? 5 * phase : 9 * phase)));
        }

        return new UtteranceMaterial(0, 2_000) { IsOneOfMany = true, Sound = sound };
    }
}
