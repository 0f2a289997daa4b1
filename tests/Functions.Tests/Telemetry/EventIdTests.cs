using System.Reflection;
using Lookup.Functions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lookup.Functions.Tests.Telemetry;

public sealed class EventIdTests
{
    /// <summary>The ids that alerts and queries depend on. The meaning of an id in this list never changes.</summary>
    private static readonly int[] Known =
    [
        1001, 1002, 1006, 1007, 1101, 1102, 1103, 1104, 1105, 1106, 1107, 1108, 1109, 1201, 1202, 1203, 1301, 1302, 1303, 1304, 1401, 1402, 1403, 1404, 1501,
        1601, 1602, 1603, 1604, 1605, 1701, 1702, 1703, 1704, 1801, 1901, 1902, 1903, 1904, 1905, 1906, 1907, 1908,
    ];

    [Fact]
    public void Every_log_message_has_a_unique_and_permanent_event_id()
    {
        var ids = typeof(LookupHost).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(method => method.DeclaringType is not null)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>()
            .Order()
            .ToArray();

        Assert.Equal(ids.Distinct(), ids);
        Assert.Subset(ids.ToHashSet(), Known.ToHashSet());
        Assert.All(ids, id => Assert.InRange(id, 1000, 1999));
    }
}
