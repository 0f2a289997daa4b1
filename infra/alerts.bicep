@description('The suffix that makes resource names unique for each environment.')
param suffix string

@description('The location of the resources.')
param location string

@description('The tags of the resources.')
param tags object

@description('The workspace that contains the metrics.')
param workspaceId string

@description('The staleness bound, as hh:mm:ss.')
param maxStaleness string

@description('The e-mail addresses to notify. If empty, alerts are visible only in the portal.')
param emails string[]

// Each query returns one row per problem, and any row fires the alert. The runbook in docs/operations.md has a section with the same name
// for each alert.
var rules = [
  {
    name: 'consistency-violation'
    severity: 0
    description: 'An instance had cached a user as fresh that missed a change older than the staleness bound.'
    query: '''
      AppMetrics
      | where Name == 'lookup.consistency.violations'
      | summarize violations = sum(Sum) by AppRoleInstance
      | where violations > 0'''
  }
  {
    name: 'lookups-fail'
    severity: 1
    description: 'More than one percent of lookups fail.'
    query: '''
      AppMetrics
      | where Name == 'lookup.requests'
      | summarize requests = sum(Sum), errors = sumif(Sum, tostring(Properties.outcome) == 'error')
      | where errors > 10 and errors > requests / 100'''
  }
  {
    name: 'store-refuses'
    severity: 1
    description: 'Cosmos DB rejects the key or the identity, or the database or container does not exist.'
    query: '''
      AppMetrics
      | where Name == 'lookup.store.duration' and tostring(Properties['error.type']) == 'refused'
      | summarize refused = sum(ItemCount) by AppRoleInstance
      | where refused > 0'''
  }
  {
    name: 'store-throttles'
    severity: 2
    description: 'Cosmos DB returns 429 until reads reach their deadline.'
    query: '''
      AppMetrics
      | where Name == 'lookup.store.duration' and tostring(Properties['error.type']) == 'throttled'
      | summarize throttled = sum(ItemCount)
      | where throttled > 10'''
  }
  {
    name: 'feed-behind'
    severity: 2
    description: 'For five minutes, a range of the change feed was not read to its end within MaxStaleness. Users are read again instead.'
    query: replace(
      '''
      AppMetrics
      | where Name == 'lookup.feed.lag'
      | summarize least = min(Min), samples = count() by AppRoleInstance, range = tostring(Properties.range)
      | where samples > 1 and least > totimespan('{0}') / 1s''',
      '{0}',
      maxStaleness
    )
  }
  {
    name: 'served-stale'
    severity: 2
    description: 'More than one percent of results exceeded the staleness bound, as the request or Lookup__StaleIfError allows.'
    query: '''
      AppMetrics
      | where Name == 'lookup.requests'
      | summarize requests = sum(Sum), stale = sumif(Sum, tostring(Properties.outcome) == 'servedStale')
      | where stale > 10 and stale > requests / 100'''
  }
  {
    name: 'shared-tier-fails'
    severity: 3
    description: 'Of the calls of an instance to the shared tier, more fail than half of the number of users for which it responds. Users are read from Cosmos DB instead.'
    query: '''
      AppMetrics
      | where Name in ('lookup.shared_tier.failures', 'lookup.shared_tier.users')
      | summarize
          failed = sumif(Sum, Name == 'lookup.shared_tier.failures'),
          users = sumif(Sum, Name == 'lookup.shared_tier.users')
        by AppRoleInstance
      | where failed > 10 and failed > users / 2'''
  }
  {
    name: 'memory-full'
    severity: 3
    description: 'More users were evicted because the cache was full than a tenth of the number of misses.'
    query: '''
      AppMetrics
      | where Name in ('lookup.cache.evictions', 'lookup.requests')
      | summarize
          evicted = sumif(Sum, tostring(Properties.reason) == 'capacity'),
          missed = sumif(Sum, tostring(Properties.outcome) == 'miss')
        by AppRoleInstance
      | where evicted > 100 and evicted > missed / 10'''
  }
]

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(emails)) {
  name: 'ag-lookup-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'lookup'
    enabled: true
    emailReceivers: [
      for (email, index) in emails: {
        name: 'email-${index}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'alert-lookup-${rule.name}-${suffix}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Lookup: ${rule.name}'
      description: '${rule.description} See docs/operations.md.'
      severity: rule.severity
      enabled: true
      scopes: [
        workspaceId
      ]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT5M'
      // The table is created when the first metric arrives. Until then, the query cannot be validated.
      skipQueryValidation: true
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: empty(emails) ? [] : [group.id]
      }
    }
  }
]
