import { randomUUID } from 'node:crypto';

/** @typedef {(statement: string, values?: unknown[]) => Promise<Record<string, any>[]>} RunStatement */

/**
 * The changes of the function before version 1.1.0, whose statements know neither tags nor timelines. Lambda runs it beside the
 * newer version for a while, and one region after the other is deployed.
 *
 * @param {RunStatement} sql
 */
export const earlierVersion = (sql) => ({
  /**
   * @param {string} id
   * @param {object} content
   */
  async create(id, content) {
    await sql(
      `with created as (insert into records (id, patient, content) values ($1, 'p', $2) returning id, version),
            event as (insert into outbox (id, kind, record_id, version, region)
                      select $3::uuid, 'RecordCreated', id, version, 'us-east-1' from created)
       select * from created`,
      [id, JSON.stringify(content), randomUUID()],
    );
  },

  /**
   * @param {string} id
   * @param {object} content
   */
  async update(id, content) {
    await sql(
      `with updated as (update records set content = $2, version = version + 1, updated_at = now()
                        where id = $1 returning id, version),
            event as (insert into outbox (id, kind, record_id, version, region)
                      select $3::uuid, 'RecordUpdated', id, version, 'us-east-1' from updated)
       select * from updated`,
      [id, JSON.stringify(content), randomUUID()],
    );
  },
});
