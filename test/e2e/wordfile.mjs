// A Word file as small as Word opens, made by hand, and the text of one.
import { crc32, inflateRawSync } from 'node:zlib';

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const types = 'http://schemas.openxmlformats.org/package/2006';
const office = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';

/** A Word file with paragraphs. */
export function wordFile(...paragraphs) {
  const body = paragraphs.map((text) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`).join('');
  return stored({
    '[Content_Types].xml': `${head}<Types xmlns="${types}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="${office}"/></Types>`,
    '_rels/.rels': `${head}<Relationships xmlns="${types}/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/document.xml': `${head}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
  });
}

/** A ZIP file of parts that are not compressed. */
function stored(parts) {
  const written = [];
  const listed = [];
  let at = 0;
  for (const [path, text] of Object.entries(parts)) {
    const name = Buffer.from(path);
    const data = Buffer.from(text);
    // Version, flags, method, time, date, then what both headers share.
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(0x21, 8);
    about.writeUInt32LE(crc32(data), 10);
    about.writeUInt32LE(data.length, 14);
    about.writeUInt32LE(data.length, 18);
    about.writeUInt16LE(name.length, 22);
    const where = Buffer.alloc(14);
    where.writeUInt32LE(at, 10);
    listed.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), about, where, name]));
    const file = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), about, name, data]);
    at += file.length;
    written.push(file);
  }
  const index = Buffer.concat(listed);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(listed.length, 4);
  end.writeUInt16LE(listed.length, 6);
  end.writeUInt32LE(index.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...written, index, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/** The text of a Word file. */
export function wordText(file) {
  for (let at = file.indexOf('PK\x01\x02', 0, 'latin1'); at >= 0; at = file.indexOf('PK\x01\x02', at + 4, 'latin1')) {
    const name = file.toString('utf8', at + 46, at + 46 + file.readUInt16LE(at + 28));
    if (name !== 'word/document.xml') continue;
    const from = file.readUInt32LE(at + 42);
    const begin = from + 30 + file.readUInt16LE(from + 26) + file.readUInt16LE(from + 28);
    const data = file.subarray(begin, begin + file.readUInt32LE(at + 20));
    const text = file.readUInt16LE(at + 10) === 8 ? inflateRawSync(data) : data;
    return text.toString('utf8').replace(/<\/w:p>/g, '\n').replace(/<[^>]+>/g, '');
  }
  throw new Error('no text in the Word file');
}
