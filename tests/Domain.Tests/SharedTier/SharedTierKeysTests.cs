using CsCheck;
using Lookup.Domain.SharedTier;
using Lookup.Domain.Users;

namespace Lookup.Domain.Tests.SharedTier;

public sealed class SharedTierKeysTests
{
    private static readonly DocumentShape Shape = new(["/secret", "/private"], ["/email"], "/id");
    private static readonly UserKey Ada = UserKey.Create("ada");

    public static TheoryData<string, DocumentShape> Others { get; } = new()
    {
        { "other-log", Shape },
        { "log", Shape with { HiddenFields = ["/secret"] } },
        { "log", Shape with { HiddenFields = ["/secret/private"] } },
        { "log", Shape with { HiddenFields = ["/secret", "/private", "/email"], AlternateKeys = [] } },
        { "log", Shape with { AlternateKeys = ["/email", "/phone"] } },
        { "log", Shape with { PartitionKeyPath = "/tenant" } },
    };

    [Fact]
    public void Keys_are_short_printable_and_the_same_in_every_process() => Gen.String[1, 300].Sample(id =>
    {
        if (!UserKey.TryCreate(id, null, out var user, out _))
            return;

        var key = new SharedTierKeys("log", Shape).Of(user);
        Assert.Matches("^[!-~]{1,200}$", key);
        Assert.Equal(key, new SharedTierKeys("log", Shape with { HiddenFields = ["/private", "/secret", "/secret"] }).Of(user));
    });

    [Fact]
    public void Key_does_not_depend_on_the_process() =>
        Assert.StartsWith("lookup:0d38da9f4a367fed4661d4a2943934c8:acc65fbb4c", new SharedTierKeys("log", Shape).Of(Ada), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Others))]
    public void Instances_of_another_log_or_shape_never_share(string log, DocumentShape shape) =>
        Assert.NotEqual(new SharedTierKeys("log", Shape).Of(Ada), new SharedTierKeys(log, shape).Of(Ada));

    [Fact]
    public void Users_have_different_keys() => Assert.NotEqual(
        new SharedTierKeys("log", Shape).Of(Ada), new SharedTierKeys("log", Shape).Of(UserKey.Create("ada", "tenant")));
}
