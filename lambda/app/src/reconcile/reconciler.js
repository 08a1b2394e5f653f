import { readDocumentRecords } from './documents.js';
import { reconcileStep, report } from './reconcile.js';
import { Refused, refusalOf } from './fork.js';
import { checkHost, openRestored } from './source.js';

/**
 * Creates what an operator's reconciliation calls in the function. The function stands in the VPC and has the database's
 * credentials; the operator has neither, and asks it for one step after another.
 *
 * @param {object} options
 * @param {Pick<import('../aws/parameters.js').Parameters, 'get'>} options.parameters
 * @param {Pick<import('../aws/secret.js').Secret, 'read'>} options.secret
 * @param {Pick<import('../aws/events.js').Events, 'publish'>} options.events
 * @param {string[]} options.certificateAuthorities of the database, in PEM.
 * @param {import('./reconcile.js').RunOnWriter} options.onWriter
 */
export function createReconciler({ parameters, secret, events, certificateAuthorities, onWriter }) {
  return {
    /**
     * Does some seconds of a reconciliation.
     *
     * @param {import('./requests.js').ReconcileRequest} request
     * @returns {Promise<import('./reconcile.js').StepResult>}
     */
    async reconcile({ host, port, ...step }) {
      const { database } = await parameters.get();
      let restored;
      try {
        const address = { host: checkHost(host, database.clusterEndpoint), port };
        const credentials = await secret.read(database.secretName);
        restored = await openRestored({ ...address, database: database.name }, credentials, certificateAuthorities);
        return await reconcileStep({ onWriter, restored, step });
      } catch (error) {
        if (error instanceof Refused) return refusalOf(error);
        throw error;
      } finally {
        await restored?.end();
      }
    },

    /**
     * Publishes the events of what came back, and returns the sums and a page of rows.
     *
     * @param {import('./requests.js').ReportRequest} request
     */
    report: ({ source, after }) => report({ onWriter, events, source, after }),

    /**
     * Says which records there are whose documents may have to come back.
     *
     * @param {import('./requests.js').DocumentsRequest} request
     */
    documents: (request) => onWriter((running) => readDocumentRecords(running, request)),
  };
}
