import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';

const { AWS_LAMBDA_FUNCTION_NAME: functionName } = process.env;

/** Every metric of the application. CloudWatch bills each one monthly. */
const UNITS = {
  /** 5xx replies, which Lambda counts as successes. They roll a deployment back (aws-templates/function-alarms.yaml). */
  ServerErrors: MetricUnit.Count,
  ResponsesAccepted: MetricUnit.Count,
  ResponsesFlagged: MetricUnit.Count,
  ResponsesCorrected: MetricUnit.Count,
  ResponsesUnchanged: MetricUnit.Count,
  ResponsesQueued: MetricUnit.Count,
  ResponsesRejected: MetricUnit.Count,
  /** Events that the topic will never accept. */
  EventsRefused: MetricUnit.Count,
  /** Age of the oldest unpublished event. */
  OutboxAge: MetricUnit.Seconds,
  /** Acknowledged submissions of field apps that could not be saved yet. */
  PendingSubmissions: MetricUnit.Count,
  /** Age of the oldest pending submission. */
  PendingSubmissionAge: MetricUnit.Seconds,
  /** Events that a webhook's receiver has not taken in time, or refused for good. */
  DeadDeliveries: MetricUnit.Count,
  ExportRows: MetricUnit.Count,
  ExportSeconds: MetricUnit.Seconds,
  ExportFailures: MetricUnit.Count,
  /** Failed attempts to write a live sheet. */
  LiveSheetFailures: MetricUnit.Count,
} as const;

export type MetricName = keyof typeof UNITS;

/**
 * Publishes metrics as a log line in CloudWatch's embedded metric format. The function is the only dimension, because
 * CloudWatch bills every value of a dimension as a separate metric. Zeros are left out. Outside of Lambda nothing is
 * published.
 */
export function publishMetrics(values: Partial<Record<MetricName, number>>): void {
  const counted = Object.entries(values).filter(([, value]) => value !== 0);
  if (functionName === undefined || counted.length === 0) return;
  const metrics = new Metrics({ namespace: 'Collect', serviceName: functionName });
  for (const [name, value] of counted) if (isMetric(name)) metrics.addMetric(name, UNITS[name], value);
  metrics.publishStoredMetrics();
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(UNITS, name);
}
