// The states of a project, with the last versions of each. A row holds at most 2 MB, so a version is
// cut into parts.
//
// The number of a version is never used twice, also not after a delete, and is part of its ETag:
// who has one knows exactly what he replaces.

const PART = 1024 * 1024;

const SCHEMA = [
  "CREATE TABLE IF NOT EXISTS states (name TEXT PRIMARY KEY, last INTEGER, present INTEGER)",
  `CREATE TABLE IF NOT EXISTS versions (name TEXT, number INTEGER, serial INTEGER, lineage TEXT, md5 TEXT,
     size INTEGER, written INTEGER, who TEXT, PRIMARY KEY (name, number)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS parts (name TEXT, number INTEGER, part INTEGER, bytes BLOB,
     PRIMARY KEY (name, number, part))`,
];

const etagOf = (row) => `"${row.number}-${row.md5}"`;

export class Versions {
  constructor(sql) {
    this.sql = sql;
    for (const statement of SCHEMA) sql.exec(statement);
  }

  #rows(where, ...values) {
    const rows = this.sql.exec(`SELECT versions.* FROM versions ${where}`, ...values).toArray();
    return rows.map((row) => ({ ...row, etag: etagOf(row) }));
  }

  // The version that counts, without its bytes; undefined when there is no state.
  present(name) {
    return this.#rows("JOIN states ON states.name = versions.name AND present = number WHERE versions.name = ?", name)[0];
  }

  // The newest of that serial; of that lineage, unless null.
  ofSerial(name, serial, lineage) {
    return this.#rows(
      "WHERE name = ?1 AND serial = ?2 AND (?3 IS NULL OR lineage = ?3) ORDER BY number DESC LIMIT 1",
      name,
      serial,
      lineage,
    )[0];
  }

  // What is kept, the newest first.
  list(name) {
    const present = this.present(name)?.number;
    return this.#rows("WHERE name = ? ORDER BY number DESC", name).map((row) => ({
      serial: row.serial,
      lineage: row.lineage,
      size: row.size,
      md5: row.md5,
      etag: row.etag,
      written: new Date(row.written).toISOString(),
      who: row.who,
      present: row.number === present,
    }));
  }

  bytes({ name, number, size }) {
    const all = new Uint8Array(size);
    let at = 0;
    const parts = this.sql.exec("SELECT bytes FROM parts WHERE name = ? AND number = ? ORDER BY part", name, number);
    for (const { bytes } of parts) {
      all.set(new Uint8Array(bytes), at);
      at += bytes.byteLength;
    }
    if (at !== size) throw new Error(`a version of '${name}' has ${at} bytes instead of ${size}`);
    return all;
  }

  // A new version that counts from now on; the last `keep` stay. Within a transaction.
  add(name, bytes, { serial, lineage, md5, written, who, keep }) {
    const last = this.sql.exec("SELECT last FROM states WHERE name = ?", name).toArray()[0]?.last ?? 0;
    const number = last + 1;
    this.sql.exec(
      "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      name,
      number,
      serial,
      lineage,
      md5,
      bytes.length,
      written,
      who,
    );
    for (let at = 0, part = 0; at < bytes.length; at += PART, part++)
      this.sql.exec("INSERT INTO parts VALUES (?, ?, ?, ?)", name, number, part, bytes.slice(at, at + PART).buffer);
    this.sql.exec("INSERT OR REPLACE INTO states VALUES (?, ?, ?)", name, number, number);
    for (const table of ["versions", "parts"])
      this.sql.exec(`DELETE FROM ${table} WHERE name = ? AND number <= ?`, name, number - keep);
    return etagOf({ number, md5 });
  }

  // The state is gone; its versions stay.
  remove(name) {
    this.sql.exec("UPDATE states SET present = NULL WHERE name = ?", name);
  }
}
