@description('What makes the names differ from those of other environments.')
param suffix string

@description('Where it is put.')
param location string

@description('Tags.')
param tags object

@description('The workspace that the metrics are in.')
param workspaceId string

@description('The greatest age of an answer, written hh:mm:ss.')
param maxStaleness string

@description('Who is told by e-mail. With nobody the alerts are seen in the portal only.')
param emails string[]

// Each query gives one row for each thing that is wrong; any row is an alert. What each of them means, and what to do, is in
// docs/operations.md under the same name.
var rules = [
  {
    name: 'consistency-violation'
    severity: 0
    description: 'An instance would have served a user as fresh who missed a change older than the promise.'
    query: '''
      AppMetrics
      | where Name == 'lookup.consistency.violations'
      | summarize violations = sum(Sum) by AppRoleInstance
      | where violations > 0'''
  }
  {
    name: 'lookups-fail'
    severity: 1
    description: 'More than one lookup in a hundred is answered with an error.'
    query: '''
      AppMetrics
      | where Name == 'lookup.requests'
      | summarize requests = sum(Sum), errors = sumif(Sum, tostring(Properties.outcome) == 'error')
      | where errors > 10 and errors > requests / 100'''
  }
  {
    name: 'store-refuses'
    severity: 1
    description: 'Cosmos DB refuses the key or the identity, or there is no such database or container.'
    query: '''
      AppMetrics
      | where Name == 'lookup.store.duration' and tostring(Properties['error.type']) == 'refused'
      | summarize refused = sum(ItemCount) by AppRoleInstance
      | where refused > 0'''
  }
  {
    name: 'store-throttles'
    severity: 2
    description: 'Cosmos DB answers 429 for longer than a read may take.'
    query: '''
      AppMetrics
      | where Name == 'lookup.store.duration' and tostring(Properties['error.type']) == 'throttled'
      | summarize throttled = sum(ItemCount)
      | where throttled > 10'''
  }
  {
    name: 'feed-behind'
    severity: 2
    description: 'A range of the change feed was not read to its end within MaxStaleness for five minutes: users are read again instead.'
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
    description: 'More than one answer in a hundred was older than the promise, because the caller or Lookup__StaleIfError allowed it.'
    query: '''
      AppMetrics
      | where Name == 'lookup.requests'
      | summarize requests = sum(Sum), stale = sumif(Sum, tostring(Properties.outcome) == 'servedStale')
      | where stale > 10 and stale > requests / 100'''
  }
  {
    name: 'memory-full'
    severity: 3
    description: 'More users are evicted for want of room than every tenth lookup that missed.'
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
      // The table is made when the first metric arrives: until then the query cannot be checked.
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
