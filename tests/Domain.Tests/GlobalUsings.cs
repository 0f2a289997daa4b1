global using static Lookup.Domain.Tests.Instance;
