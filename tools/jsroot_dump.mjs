// Prints what JSROOT reads from ROOT files: one JSON object a line for every column of every tree and ntuple
// ({"file", "dataset", "column", "values"} or "error"), and for every histogram its contents. NaN, infinities and
// integers beyond 2^53 are strings. Usage: node jsroot_dump.mjs JSROOT_FOLDER FILE...
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [folder, ...files] = process.argv.slice(2);
const load = name => import(pathToFileURL(`${folder}/modules/${name}.mjs`));
const { openFile } = await load('io');
const { treeProcess, TSelector } = await load('tree');
const { rntupleProcess, readHeaderFooter } = await load('rntuple');

function plain(value) {
  if (typeof value === 'bigint')
    return value.toString();
  if (typeof value === 'number')
    return Number.isFinite(value) ? value : String(value);
  if (value === null || value === undefined || typeof value === 'boolean' || typeof value === 'string')
    return value ?? null;
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return Array.from(value, plain);
  if (value instanceof Map)
    return Array.from(value.entries(), ([k, v]) => [plain(k), plain(v)]);
  return Object.fromEntries(Object.entries(value).filter(([k]) => k !== '_typename' && k !== '$kind').map(([k, v]) => [k, plain(v)]));
}

function limited(promise) {
  return Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(Error('no answer in 60 s')), 60000).unref())]);
}

async function column(dataset, branch, name, process) {
  const values = [];
  const selector = new TSelector();
  selector.addBranch(branch, 'v');
  selector.Process = function() { values.push(plain(structuredClone(this.tgtobj.v))); };
  let ok = true;
  selector.Terminate = res => { ok = res; };
  await limited(process(dataset, selector));
  if (!ok)
    throw Error('JSROOT ends without success');
  return values;
}

function leaves(branches, prefix = '') {
  return branches.flatMap(b => b.fBranches?.arr?.length ? leaves(b.fBranches.arr, `${prefix}${b.fName}/`) : [[`${prefix}${b.fName}`, b]]);
}

async function dump(file, root, dir, prefix) {
  const say = line => console.log(JSON.stringify({ file, ...line }));
  const seen = new Set();
  for (const key of dir.fKeys) {
    const path = prefix + key.fName;
    if (seen.has(path) || path === 'StreamerInfo')
      continue;
    seen.add(path);
    try {
      if (key.fClassName === 'TDirectory' || key.fClassName === 'TDirectoryFile') {
        await dump(file, root, await dir.readObject(key.fName), `${path}/`);
      } else if (/^T(Tree|Ntuple|NtupleD)$/.test(key.fClassName)) {
        const tree = await root.readObject(path);
        for (const [name, branch] of leaves(tree.fBranches.arr)) {
          try {
            say({ dataset: path, column: name, values: await column(tree, branch, name, treeProcess) });
          } catch (e) {
            say({ dataset: path, column: name, error: String(e?.message ?? e) });
          }
        }
      } else if (key.fClassName === 'ROOT::RNTuple') {
        const ntuple = await root.readObject(path);
        await readHeaderFooter(ntuple);
        for (const field of ntuple.builder.fieldDescriptors.filter((f, i) => f.parentFieldId === i)) {
          try {
            say({ dataset: path, column: field.fieldName, values: await column(ntuple, field.fieldName, field.fieldName, rntupleProcess) });
          } catch (e) {
            say({ dataset: path, column: field.fieldName, error: String(e?.message ?? e) });
          }
        }
      } else {
        const object = await root.readObject(path);
        const { fArray, fSumw2, fBinEntries, fEntries, fX, fY, fEX, fEY, fString, fTitle } = object;
        say({ object: path, class: key.fClassName, values: plain({ fArray, fSumw2, fBinEntries, fEntries, fX, fY, fEX, fEY, fString, fTitle }) });
      }
    } catch (e) {
      say({ dataset: path, error: String(e?.message ?? e) });
    }
  }
}

const log = console.log;
console.warn = console.error = () => {};
for (const file of files) {
  try {
    const bytes = readFileSync(file);
    const root = await openFile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    await dump(file, root, root, '');
  } catch (e) {
    log(JSON.stringify({ file, error: String(e?.message ?? e) }));
  }
}
