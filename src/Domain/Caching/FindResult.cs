using Lookup.Domain.Users;

namespace Lookup.Domain.Caching;

/// <summary>The answer to «which users have this alternate key?».</summary>
public readonly record struct FindAnswer
{
    /// <summary>The users, in ascending ordinal order of their ids; may be empty.</summary>
    public IReadOnlyList<UserDocument> Users { get; init; }

    /// <summary>
    /// The answer as a whole: <see cref="UserAnswer.Status"/> is <see cref="AnswerStatus.Found"/> unless memory had none
    /// (<see cref="AnswerStatus.NotCached"/>); age and time to live are those of its oldest part; <see cref="UserAnswer.Document"/> is unset.
    /// </summary>
    public UserAnswer Summary { get; init; }

    /// <summary>More users had the value than <see cref="UserCache.MaxFound"/>; the rest is not listed.</summary>
    public bool IsTruncated { get; init; }
}
