import { importPathSchema, importReportSchema, importRequestSchema, importTicketSchema } from './imports';
import type { Operation } from './operations';

/** Rides out of files. */
export const fileOperations: Operation[] = [
  {
    method: 'post',
    path: '/v1/rides/import',
    id: 'importRides',
    tag: 'Files',
    summary: 'Import rides from a GPX or GeoJSON file',
    description:
      'Answers an address to upload the file to, up to 20 MB. The upload starts the import. Its points go the way of ' +
      'any other; a ride’s task is made of its points, so importing a file again changes nothing.',
    body: { schema: importRequestSchema, examples: { gpx: { size: 88_561 } } },
    success: {
      status: 201,
      description: 'Where to upload the file, and by which id to ask.',
      schema: importTicketSchema,
    },
    problems: {
      400: ['malformed_json', 'required', 'wrong_type', 'unknown_field', 'out_of_range'],
      403: ['role_missing', 'token_subject'],
      413: ['too_large'],
      415: ['unsupported_media_type'],
      503: ['store_unavailable'],
    },
  },
  {
    method: 'get',
    path: '/v1/imports/{id}',
    id: 'importReport',
    tag: 'Files',
    summary: 'What became of an import',
    description: 'Which rides it made, which points were refused, and what of the file was not understood.',
    pathParameters: importPathSchema,
    success: { status: 200, description: 'The report, as far as it is.', schema: importReportSchema },
    problems: {
      400: ['invalid_parameter'],
      403: ['role_missing', 'token_subject'],
      404: ['import_not_found'],
      503: ['store_unavailable'],
    },
  },
];
