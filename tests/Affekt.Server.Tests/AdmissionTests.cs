using Affekt.AspNetCore;
using Affekt.AspNetCore.Recognitions;

namespace Affekt.Tests;

/// <summary>Whose turn it is: nobody's long recordings keep another client's from being answered.</summary>
public sealed class AdmissionTests
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1), _moment = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task Long_work_of_one_client_leaves_a_worker_to_another()
    {
        Admission admission = new(new ServerLimits { Workers = 2 });
        using Work first = new(admission, "a", _hour), second = new(admission, "a", _hour), third = new(admission, "a", _hour);

        using Work stranger = new(admission, "b", _hour);

        Assert.Equal([true, false, false, true], Began(first, second, third, stranger));
        await first.EndAsync();
        Assert.Equal([true, false, true], Began(second, third, stranger));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Where_long_work_has_every_worker_one_short_work_goes_beside_it(int workers)
    {
        Admission admission = new(new ServerLimits { Workers = workers });
        Work[] all = [.. Enumerable.Range(0, workers).Select(i => new Work(admission, $"long {i}", _hour))];
        using Work first = new(admission, "c", _moment), second = new(admission, "d", _moment), another = new(admission, "e", _hour);

        Assert.All(all, work => Assert.True(work.Began));
        Assert.Equal([true, false, false], Began(first, second, another));
        await first.EndAsync();
        Assert.Equal([true, false], Began(second, another));
        await all[0].EndAsync();
        Assert.False(another.Began, "a worker was free for it while another short one is at work beside as many as there are");
        await second.EndAsync();
        Assert.True(another.Began);
        foreach (Work work in all)
            work.Dispose();
    }

    [Fact]
    public async Task Short_work_of_one_client_has_every_worker_and_takes_turns_with_another_client()
    {
        Admission admission = new(new ServerLimits { Workers = 2 });
        using Work first = new(admission, "a", _moment), second = new(admission, "a", _moment), third = new(admission, "a", _moment);
        using Work stranger = new(admission, "b", _moment);

        Assert.Equal([true, true, false, false], Began(first, second, third, stranger));
        await first.EndAsync();
        Assert.Equal([false, true], Began(third, stranger));
    }

    [Fact]
    public void A_recording_that_goes_on_after_the_length_that_it_states_counts_as_long_from_there_on()
    {
        Admission admission = new(new ServerLimits { Workers = 1 });
        using Work liar = new(admission, "a", _moment), stranger = new(admission, "b", _moment);
        Assert.Equal([true, false], Began(liar, stranger));

        liar.Place.Reached(_hour);

        Assert.True(stranger.Began);
    }

    [Fact]
    public void A_length_that_is_not_known_counts_as_long()
    {
        Admission admission = new(new ServerLimits { Workers = 1 });
        using Work unknown = new(admission, "a", null), stranger = new(admission, "b", _moment);

        Assert.Equal([true, true], Began(unknown, stranger));
    }

    private static bool[] Began(params Work[] works) => [.. works.Select(work => work.Began)];

    // Work that lasts until it is told to end.
    private sealed class Work : IDisposable
    {
        private readonly TaskCompletionSource<bool> _end = new();
        private readonly CancellationTokenSource _leave = new();
        private readonly Task _task;

        public Work(Admission admission, string client, TimeSpan? duration)
        {
            Place = admission.Enter(client);
            _task = Place.WorkAsync(duration, () => _end.Task, _leave.Token);
        }

        public Admission.Place Place { get; }

        public bool Began => Place.IsAtWork;

        public async Task EndAsync()
        {
            _end.SetResult(true);
            await _task;
        }

        public void Dispose()
        {
            _end.TrySetResult(true);
            _leave.Cancel();
            Place.Dispose();
            _leave.Dispose();
        }
    }
}
