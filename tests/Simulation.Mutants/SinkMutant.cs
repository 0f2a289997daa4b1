using Lookup.Domain.Feed;
using Lookup.Domain.Freshness;

namespace Lookup.Simulation.Mutants;

/// <summary>A mutant in which a change does not evict the hints for the alternate keys of the user (<c>KeepHints</c>).</summary>
internal sealed class SinkMutant(string name) : Mutant(name)
{
    public override IChangeSink Sink(IChangeSink sink) => new ChangedSink(sink, change => change with { AlternateKeys = [] });
}

/// <summary>A receiver that modifies the changes of the feed.</summary>
internal sealed class ChangedSink(IChangeSink sink, Func<UserChange, UserChange> change) : IChangeSink
{
    public bool IsEmpty => sink.IsEmpty;

    public void Apply(in FeedPage page, in PollStamp poll) => sink.Apply(page with { Changes = [.. page.Changes.Select(change)] }, poll);

    public void Evict(in UserChange shown, EvictionSource source) => sink.Evict(change(shown), source);

    public void StartOver(long log) => sink.StartOver(log);
}
